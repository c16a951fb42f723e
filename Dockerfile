# The webhook with its controller, and the config step of injected pods: one file on Node, nothing else.
# `scripts/image` writes the image of a release without Docker; this file makes one of the same form on published bases:
# the official Node, and Debian's C and C++ libraries without a shell.
FROM node:24-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY webhook webhook
RUN npm run --silent bundle -- --outfile=shunt.mjs \
  && sed -i '1s|.*|#!/usr/local/bin/node|' shunt.mjs \
  && chmod 0755 shunt.mjs \
  && ln -s /app/webhook/cli/shunt.mjs shunt

FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
LABEL org.opencontainers.image.title="pretrain-shunt" \
  org.opencontainers.image.description="Webhook, controller and config step of pretrain-shunt" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production PATH=/usr/local/bin
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /build/shunt.mjs webhook/cli/shunt.mjs
COPY --from=build /build/shunt /usr/local/bin/shunt
COPY chart chart
COPY LICENSE LICENSE
USER 65532:65532
ENTRYPOINT ["shunt"]
