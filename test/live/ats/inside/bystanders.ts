/** Where the rules of today lead besides, on the stage of the CDN. */
export const BYSTANDERS = [
  { name: 'rest-gateway.discovery.wmnet', port: 4113 },
  { name: 'restbase.discovery.wmnet', port: 7443 },
  { name: 'mwdebug.discovery.wmnet', port: 4444 },
  { name: 'mwdebug-next.discovery.wmnet', port: 4444 },
  { name: 'phabricator.discovery.wmnet', port: 443 },
  { name: 'planet.discovery.wmnet', port: 443 },
];
