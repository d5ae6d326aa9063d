#!/bin/sh
# The five documented requests for invitations, verbatim but for host, ids and addresses; prints each request and its answer.
# Usage: antechamber dev --env-file .env &   then   . ./.env && sh examples/documented-requests.sh
set -eu

HOST=${MONGODB_ATLAS_BASE_URL%/}
ORG_ID=$MONGODB_ATLAS_ORG_ID
PROJECT_ID=$MONGODB_ATLAS_PROJECT_ID
PUBLIC_KEY=$MONGODB_ATLAS_PUBLIC_KEY
PRIVATE_KEY=$MONGODB_ATLAS_PRIVATE_KEY

ACCESS_TOKEN=$(curl --silent --show-error --fail --request POST "$HOST/api/oauth/token" \
    --header "Authorization: Basic $(printf %s "$ANTECHAMBER_CLIENT_ID:$ANTECHAMBER_CLIENT_SECRET" | base64 | tr -d '\n')" \
    --header "Content-Type: application/x-www-form-urlencoded" --data "grant_type=client_credentials" |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/')

# Somebody to ask about: one invitation to the organization, one to the project.
invite() {
    curl --silent --show-error --fail --user "$PUBLIC_KEY:$PRIVATE_KEY" --digest --header "Accept: application/vnd.atlas.2025-03-12+json" \
        --header "Content-Type: application/json" "$HOST/api/atlas/v2/$1/invites" --data "{\"username\":\"$2\",\"roles\":[\"$3\"]}"
}
INVITATION_ID=$(invite "orgs/$ORG_ID" jane.smith@example.com ORG_MEMBER | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
invite "groups/$PROJECT_ID" jane.doe@example.com GROUP_READ_ONLY > /dev/null

# Prints the command as it stands in the document, with the names of the secrets in place of their values; then runs it.
request() {
    printf '\n### %s\n\n%s\n\n' "$1" "$2"
    eval "$2" || { echo "### failed" >&2; exit 1; }
    echo
}

request '1. Update one organization invitation by its id' 'curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer ${ACCESS_TOKEN}" \
  --header "Accept: application/vnd.atlas.2025-03-12+json" \
  --header "Content-Type: application/json" \
  --request PATCH "${HOST}/api/atlas/v2/orgs/${ORG_ID}/invites/${INVITATION_ID}" \
  --data '"'"'{"roles":["ORG_READ_ONLY"]}'"'"

request '2. Update one organization invitation by user name' 'curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer ${ACCESS_TOKEN}" \
  --header "Accept: application/json" \
  --header "Content-Type: application/json" \
  --request PATCH "${HOST}/api/atlas/v1.0/orgs/${ORG_ID}/invites" \
  --data '"'"'{"username":"jane.smith@example.com","roles":["ORG_GROUP_CREATOR"]}'"'"

request '3. Return one organization invitation by its id' 'curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer ${ACCESS_TOKEN}" \
  --header "Accept: application/vnd.atlas.2025-03-12+json" \
  --request GET "${HOST}/api/atlas/v2/orgs/${ORG_ID}/invites/${INVITATION_ID}?pretty=true"'

request '4. Update one project invitation by user name' 'curl --silent --show-error --fail-with-body \
  --user "${PUBLIC_KEY}:${PRIVATE_KEY}" --digest \
  --header "Accept: application/vnd.atlas.2024-08-05+json" \
  --header "Content-Type: application/json" \
  --request PATCH "${HOST}/api/atlas/v2/groups/${PROJECT_ID}/invites?pretty=true" \
  --data '"'"'{"username":"jane.doe@example.com","roles":["GROUP_DATA_ACCESS_ADMIN"]}'"'"

request '5. Update one organization invitation by its id, as in Cloud Manager and Ops Manager' 'curl --silent --show-error --fail-with-body \
  --user "${PUBLIC_KEY}:${PRIVATE_KEY}" --digest \
  --header "Accept: application/json" \
  --header "Content-Type: application/json" \
  --include --request PATCH "${HOST}/api/public/v1.0/orgs/${ORG_ID}/invites/${INVITATION_ID}" \
  --data '"'"'{"roles":["ORG_MEMBER","ORG_READ_ONLY"]}'"'"
