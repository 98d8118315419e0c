#!/bin/sh
# Read the token that only root may read, then run the proxy as nobody.
set -eu
CONFIGPROXY_AUTH_TOKEN=$(cat /run/secrets/proxy_token)
export CONFIGPROXY_AUTH_TOKEN
# Old space: sixty participants need a tenth of it; without a bound, node keeps what it once took.
exec setpriv --reuid nobody --regid nogroup --clear-groups node --max-old-space-size=128 --max-semi-space-size=1 \
    /srv/proxy/node_modules/.bin/configurable-http-proxy \
    --ip 0.0.0.0 --port 8000 --api-ip 0.0.0.0 --api-port 8001 \
    --error-target http://hub:8081/hub/error --timeout 0 --proxy-timeout 0
