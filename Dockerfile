# The webhook with its controller, and the config step of injected pods: one file on Node, nothing else.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY webhook webhook
RUN npm run --silent bundle -- --outfile=shunt.mjs && chmod 0755 shunt.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY chart chart
COPY --from=build /build/shunt.mjs webhook/cli/shunt.mjs
RUN ln -s /app/webhook/cli/shunt.mjs /usr/local/bin/shunt
USER 65532:65532
ENTRYPOINT ["shunt"]
