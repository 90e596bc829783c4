# syntax=docker/dockerfile:1
#
# One static binary on an image without shell, package manager or setuid files. It runs as user 65532, works with a read-only
# root, and writes to /data only.
#
# Tags move. To pin what was tried, put the digest behind each tag, as in golang:1.26-bookworm@sha256:…;
# `docker buildx imagetools inspect golang:1.26-bookworm` prints it.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY bot ./bot
COPY flows ./flows
COPY providers ./providers
COPY store ./store
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /cardrop ./bot && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /cardrop /cardrop
COPY --from=build --chown=65532:65532 /data /data
ENV DATA_DIR=/data GOTRACEBACK=single
USER nonroot:nonroot
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/cardrop", "healthcheck"]
ENTRYPOINT ["/cardrop"]
