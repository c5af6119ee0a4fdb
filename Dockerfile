# syntax=docker/dockerfile:1
# The server with the bank line's project. Settings come in as variables (docs/operating.md); nothing secret is in the image.
FROM rust:1.95-bookworm AS build
WORKDIR /src
RUN rustup target add wasm32-wasip2
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package centralita \
    && target/release/centralita plugin build --project flows/sctbnk \
    && target/release/centralita validate --project flows/sctbnk \
    && cp target/release/centralita /usr/local/bin/centralita

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/centralita --create-home --shell /usr/sbin/nologin centralita
COPY --from=build /usr/local/bin/centralita /usr/local/bin/centralita
COPY --from=build /src/flows /srv/centralita/flows
# Where the SQLite file is unless DATABASE_URL names another database: keep it on a volume.
WORKDIR /var/lib/centralita
USER centralita
VOLUME /var/lib/centralita
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5005 && printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["centralita"]
CMD ["serve", "--project", "/srv/centralita/flows/sctbnk"]
