# Untested: there was no Docker engine where this was written. Its steps were run by hand.
FROM node:24-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build:web && npm prune --omit=dev

FROM node:24-slim
WORKDIR /sluice
ENV NODE_ENV=production
COPY --from=build /sluice/package.json ./
COPY --from=build /sluice/node_modules node_modules
COPY --from=build /sluice/bin bin
COPY --from=build /sluice/assets assets
COPY --from=build /sluice/src src
COPY --from=build /sluice/web/dist web/dist
USER node
# RTMP; everything else
EXPOSE 1935 8080
# Many viewers: docker run --ulimit nofile=65536:65536 --sysctl net.core.somaxconn=4096
CMD ["node", "bin/sluice.js", "serve", "--no-demo"]
