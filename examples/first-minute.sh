#!/bin/sh
# The first minute: invite, list, update and cancel, with an API key and with a service account.
# Usage: antechamber dev --env-file .env &   then   . ./.env && sh examples/first-minute.sh
set -eu

api=${MONGODB_ATLAS_BASE_URL%/}/api/atlas/v2
invites=$api/orgs/$MONGODB_ATLAS_ORG_ID/invites
version='Accept: application/vnd.atlas.2025-03-12+json'
json='Content-Type: application/json'

# With an API key: HTTP Digest.
key() { curl -sS --digest --user "$MONGODB_ATLAS_PUBLIC_KEY:$MONGODB_ATLAS_PRIVATE_KEY" -H "$version" "$@"; }

echo '# invite'
invitation=$(key -H "$json" -d '{"username":"grace@example.com","roles":["ORG_MEMBER"]}' "$invites")
echo "$invitation"
id=$(echo "$invitation" | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')

echo '# list'
key "$invites?pretty=true"
echo

# With a service account: OAuth 2.0.
token=$(curl -sS --user "$ANTECHAMBER_CLIENT_ID:$ANTECHAMBER_CLIENT_SECRET" -d grant_type=client_credentials \
    "${MONGODB_ATLAS_BASE_URL%/}/api/oauth/token" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
account() { curl -sS -H "Authorization: Bearer $token" -H "$version" "$@"; }

echo '# update'
account -X PATCH -H "$json" -d '{"roles":["ORG_READ_ONLY"]}' "$invites/$id"
echo

echo '# cancel'
account -X DELETE -o /dev/null -w '%{http_code}\n' "$invites/$id"
account "$invites/$id"
echo
