# The one image of all roles: 'gdm host ROLE' is the argument that the manifests give.
#   docker build -t gdm-opt-etq:0.1.0 .
FROM node:22-slim AS page
WORKDIR /web
COPY src/Service/web/ ./
RUN npm ci --no-audit --no-fund && npm run build

FROM node:22-bookworm-slim AS page
WORKDIR /web
COPY src/Service/web/ ./
RUN npm ci --no-audit --no-fund && npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig ./
COPY src/ src/
COPY --from=page /web/dist src/Service/web/dist
COPY --from=page /web/dist src/Service/web/dist
RUN dotnet publish src/Cli/GdmOptEtq.Cli.csproj -c Release -o /app --no-self-contained

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libgdal34t64 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
ENV DOTNET_EnableDiagnostics=0
# The account 'app' of the base image; the manifests name it by the same number.
USER 1654
EXPOSE 8080
ENTRYPOINT ["dotnet", "/app/gdm.dll"]
CMD ["--help"]
