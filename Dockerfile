# The server of an office. The binary has no C library beside libc; the database is another container.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /motcua
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/motcua/target \
    cargo build --release --locked --bin motcua && cp target/release/motcua /usr/local/bin/motcua

FROM debian:bookworm-slim
# ca-certificates: mail, object store and database over TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /var/lib/motcua motcua \
    && install -d -o motcua -g motcua /var/lib/motcua
COPY --from=build /usr/local/bin/motcua /usr/local/bin/motcua
USER motcua
WORKDIR /var/lib/motcua
ENV MOTCUA_HTTP_ADDR=0.0.0.0:8080 \
    MOTCUA_DATA_DIR=/var/lib/motcua \
    MOTCUA_LOG_FORMAT=json
VOLUME /var/lib/motcua
EXPOSE 8080
STOPSIGNAL SIGTERM
# bash opens the connection itself, so the image needs no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["motcua"]
CMD ["serve"]
