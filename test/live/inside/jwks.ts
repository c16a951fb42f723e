/** A key set of one key that signs nothing; a gateway that checks tokens does not start without a valid one. */
export const JWKS = {
  keys: [
    {
      kty: 'RSA',
      n: 'vW3tqGLudeP3qZYjAfJ3a3TPcz4gxgRBLxqmeFPjlBhqf7-tUcIb1zyVjmU8FIhPq53u3xUAyeeiEWv-2CJVhuMrWwLaDvHqW8fTvBFl8U7E9ECJDC24qgZwtef6ERjEwbMTUslVu5toFFQ6Jm-IC156v3ZdyeXbFCV3bgdLaLC9PsAjOrgmr_piBZ5vXZtkiOOTkLmjdmyFfHkJ527vKCcQ_Kq6x9baQLBQJv2D8gRdptr89r00NHSSKodT_UFwn9HBXpfjJXocOM-BaDB8tEKRBZa8pWJXNEH9Shb9RLJjveNJtmFyZC4K1Ap0ZPnXwpQjvcEgPvj0-0lwempLUw',
      e: 'AQAB',
      kid: 'stage',
      alg: 'RS256',
      use: 'sig',
    },
  ],
} as const;
