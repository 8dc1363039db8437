# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
# The pages' styles and script are sent as they are.
RUN npx tsc -p tsconfig.build.json --outDir dist \
  && mkdir -p dist/http/pages/assets && cp src/http/pages/assets/*.css src/http/pages/assets/*.js src/http/pages/assets/*.svg dist/http/pages/assets/ \
  && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
# MONGODB_URI must be given: this image holds no mongod.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY schemas ./schemas
COPY scripts/rollcall.mjs ./scripts/
# docker compose exec rollcall rollcall ...
RUN ln -s /app/scripts/rollcall.mjs /usr/local/bin/rollcall
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The exec form, so that SIGTERM reaches node and the server drains.
CMD ["node", "dist/main.js"]
