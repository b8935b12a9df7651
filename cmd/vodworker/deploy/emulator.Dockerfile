# The image of the emulator, for a CI's service containers and for compose: it needs no arguments, and says when it is ready.
#   docker build --build-arg TARGETARCH=amd64 -f cmd/vodworker/deploy/emulator.Dockerfile dist
FROM scratch
ARG TARGETARCH
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY vodworker-linux-${TARGETARCH} /vodworker
USER 65532:65532
EXPOSE 9266
HEALTHCHECK --interval=2s --timeout=5s --start-period=30s --retries=3 CMD ["/vodworker", "emulate", "health"]
ENTRYPOINT ["/vodworker", "emulate", "--listen", ":9266"]
