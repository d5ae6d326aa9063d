#!/bin/sh
# The documented command lines, one generation of the API and one way to sign in at a time.
# Usage: antechamber dev --env-file .env &   then   . ./.env && sh clients/curl.sh v2|v1.0|public digest|bearer
# Prints "ok NAME" or "FAIL NAME: why" for each operation; exit status 1 when one failed.
set -u

usage() { echo "usage: curl.sh v2|v1.0|public digest|bearer" >&2; exit 2; }
[ $# -eq 2 ] || usage
host=${MONGODB_ATLAS_BASE_URL%/}
case $1 in
    v2) api=$host/api/atlas/v2 made=200 accept=application/vnd.atlas.2025-03-12+json ;;
    v1.0) api=$host/api/atlas/v1.0 made=200 accept=application/json ;;
    public) api=$host/api/public/v1.0 made=201 accept=application/json ;;
    *) usage ;;
esac
case $2 in
    digest) set -- --digest --user "$MONGODB_ATLAS_PUBLIC_KEY:$MONGODB_ATLAS_PRIVATE_KEY" ;;
    bearer)
        token=$(curl -sS -X POST "$host/api/oauth/token" \
            -H "Authorization: Basic $(printf %s "$ANTECHAMBER_CLIENT_ID:$ANTECHAMBER_CLIENT_SECRET" | base64 | tr -d '\n')" \
            -H 'Content-Type: application/x-www-form-urlencoded' -d grant_type=client_credentials |
            sed 's/.*"access_token":"\([^"]*\)".*/\1/')
        set -- -H "Authorization: Bearer $token"
        ;;
    *) usage ;;
esac
# The calls take the credentials from a file: not everybody shall read them in the list of processes.
config=$(mktemp)
answer=$(mktemp)
trap 'rm -f "$config" "$answer"' EXIT
if [ "$1" = --digest ]; then printf 'digest\nuser = "%s"\n' "$3"; else printf 'header = "%s"\n' "$2"; fi > "$config"

failed=0
# call NAME STATUS METHOD PATH [BODY] - keeps what came in $answer
call() {
    name=$1 want=$2 method=$3 path=$4
    if [ $# -gt 4 ]; then
        got=$(curl -sS -K "$config" -X "$method" -H "Accept: $accept" -H 'Content-Type: application/json' \
            -o "$answer" -w '%{http_code}' -d "$5" "$api$path")
    else
        got=$(curl -sS -K "$config" -X "$method" -H "Accept: $accept" -o "$answer" -w '%{http_code}' "$api$path")
    fi
    [ "$got" = "$want" ] || fail "$got, not $want: $(head -c 300 "$answer")"
}
fail() { [ "$broken" = 1 ] || echo "FAIL $name: $*"; failed=1 broken=1; }
# has TEXT - the answer must hold it; lacks TEXT - it must not
has() { grep -qF -- "$1" "$answer" || fail "no $1 in $(head -c 300 "$answer")"; }
lacks() { ! grep -qF -- "$1" "$answer" || fail "$1 in $(head -c 300 "$answer")"; }
end() { [ "$broken" = 1 ] || echo "ok $name"; broken=0; }
broken=0

orgs=/orgs/$MONGODB_ATLAS_ORG_ID
groups=/groups/$MONGODB_ATLAS_PROJECT_ID

call 'organization invitation: create' "$made" POST "$orgs/invites" '{"username":"grace@example.com","roles":["ORG_MEMBER"]}'
has '"username":"grace@example.com"'; has '"roles":["ORG_MEMBER"]'; has "\"orgId\":\"$MONGODB_ATLAS_ORG_ID\""; has '"teamIds":[]'
has '"expiresAt":"'; lacks '"links"'
case $api in */public/*) lacks '"groupRoleAssignments"' ;; *) has '"groupRoleAssignments":[]' ;; esac
end
id=$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' "$answer")
call 'organization invitation: get by id, pretty' 200 GET "$orgs/invites/$id?pretty=true"
has "\"id\" : \"$id\""; end
call 'organization invitation: update by id' 200 PATCH "$orgs/invites/$id" '{"roles":["ORG_READ_ONLY","ORG_GROUP_CREATOR"]}'
has '"ORG_READ_ONLY"'; has '"ORG_GROUP_CREATOR"'; lacks '"ORG_MEMBER"'; end
call 'organization invitation: update by username' 200 PATCH "$orgs/invites" '{"username":"grace@example.com","roles":["ORG_MEMBER"]}'
has '"roles":["ORG_MEMBER"]'; has "\"id\":\"$id\""; end
call 'organization invitation: list' 200 GET "$orgs/invites"
has "[{"; has "\"id\":\"$id\""; end
call 'organization invitation: list by username' 200 GET "$orgs/invites?username=grace%40example.com"
has "\"id\":\"$id\""; end
call 'organization invitation: list by username, nobody' 200 GET "$orgs/invites?username=nobody%40example.com"
has '[]'; end
call 'organization invitation: delete' 204 DELETE "$orgs/invites/$id"; end
call 'organization invitation: get, deleted' 404 GET "$orgs/invites/$id"
has '"errorCode":"INVALID_INVITATION_ID"'; has '"error":404'; end

call 'project invitation: create' "$made" POST "$groups/invites" '{"username":"alan@example.com","roles":["GROUP_READ_ONLY"]}'
has '"username":"alan@example.com"'; has '"roles":["GROUP_READ_ONLY"]'; has "\"groupId\":\"$MONGODB_ATLAS_PROJECT_ID\""; lacks '"teamIds"'; end
id=$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' "$answer")
call 'project invitation: get by id, pretty' 200 GET "$groups/invites/$id?pretty=true"
has "\"id\" : \"$id\""; end
call 'project invitation: update by username' 200 PATCH "$groups/invites" '{"username":"alan@example.com","roles":["GROUP_DATA_ACCESS_READ_ONLY"]}'
has '"roles":["GROUP_DATA_ACCESS_READ_ONLY"]'; has "\"id\":\"$id\""; end
call 'project invitation: update by id' 200 PATCH "$groups/invites/$id" '{"roles":["GROUP_OWNER"]}'
has '"roles":["GROUP_OWNER"]'; end
call 'project invitation: list' 200 GET "$groups/invites"
has "[{"; has "\"id\":\"$id\""; end
call 'project invitation: list by username' 200 GET "$groups/invites?username=alan%40example.com"
has "\"id\":\"$id\""; end
call 'project invitation: delete' 204 DELETE "$groups/invites/$id"; end
call 'project invitation: get, deleted' 404 GET "$groups/invites/$id"
has '"errorCode":"INVALID_INVITATION_ID"'; end
exit $failed
