# The worker (and the command) as an image: non-root, nothing written at run time, no build tools inside.
# Build: docker build -t dcs-switchover .        Run: docker run --read-only … dcs-switchover
# A registry mirror is used by  --build-arg REGISTRY=mirror.example.com/library/
ARG REGISTRY=
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${REGISTRY}${NODE_IMAGE} AS build
WORKDIR /app
# First what changes rarely: the layer of dependencies is kept while only sources change.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.cjs scripts/prune-image.cjs scripts/
COPY src src
# Compiles, and bundles the workflow: nothing is bundled when the worker starts.
RUN npm run build
# Leaves what runs: no build tools, and of the SDK's native parts the one for this platform.
RUN node scripts/prune-image.cjs

FROM ${REGISTRY}${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The user `node` of the base image, by number: Kubernetes can only check numbers.
USER 1000:1000
# Node is process 1 and gets SIGTERM itself. No HEALTHCHECK: probes ask /healthz and /readyz.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["worker"]
