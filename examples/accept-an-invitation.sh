#!/bin/sh
# An invitation from the API to a member, with curl alone: invite, read the mail, accept, look; then let one expire.
# Usage: antechamber dev --env-file .env &   then   . ./.env && sh examples/accept-an-invitation.sh
set -eu

desk=$ANTECHAMBER_URL/_antechamber
ask() { curl -sS --fail-with-body "$@"; }
# One value of a JSON object on one line; jq does it better where it is there.
pick() { printf '%s\n' "$1" | sed 's/.*"'"$2"'":"\([^"]*\)".*/\1/'; }

echo '# an organization of its own'
tenant=$(ask -X POST "$desk/tenants")
org=$(pick "$tenant" orgId)
owner=$(printf '%s\n' "$tenant" | sed 's/.*"ownerKey":{\([^}]*\)}.*/{\1}/')
key=$(pick "$owner" publicKey):$(pick "$owner" privateKey)
echo "$org"

api() {
    ask --digest --user "$key" -H 'Accept: application/vnd.atlas.2023-01-01+json' \
        -H 'Content-Type: application/json' "$@"
}
invites=$ANTECHAMBER_URL/api/atlas/v2/orgs/$org/invites

echo '# invite'
# What came before does not count.
since=$(pick "$(ask "$desk/mail")" cursor)
invitation=$(api -d '{"username":"grace@example.com","roles":["ORG_MEMBER"]}' "$invites")
id=$(pick "$invitation" id)
echo "$id"

echo '# the mail, and the link in it'
mail=$(ask "$desk/mail/next?to=grace@example.com&since=$since&timeoutSeconds=10")
pick "$mail" subject
pick "$mail" link | sed 's/#.*/#…/'

echo '# accept, as the person would in a browser'
ask -X POST -d '{"firstName":"Grace","lastName":"Hopper"}' "$desk/invitations/$id/accept"
echo

echo '# another invitation, and thirty days later'
api -o /dev/null -d '{"username":"late@example.com","roles":["ORG_MEMBER"]}' "$invites"
ask -o /dev/null -X PUT -d '{"advanceSeconds":2592000}' "$desk/clock"
api "$invites"
echo
ask -o /dev/null -X PUT -d '{"real":true}' "$desk/clock"
ask -X DELETE "$desk/tenants/$org"
