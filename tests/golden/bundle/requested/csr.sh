#!/bin/sh
# Makes a private key and a certificate request on this very host, where a key must not come from elsewhere.
# Needs only openssl. Take this one file there and run, for instance: sh csr.sh pay-1
set -eu
umask 077

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}
[ $# -ge 1 ] && [ $# -le 2 ] || fail 'usage: csr.sh NODE [FOLDER]'
command -v openssl >/dev/null 2>&1 || fail 'openssl is not installed'
case $1 in
  'pay-1') name="\"pay-1.Payments [/x] \\\$HOME\"" ;;
  'pay-2') name="\"pay-2.Payments [/x] \\\$HOME\"" ;;
  *) fail "$1 is none of this bundle's nodes" ;;
esac
folder=${2:-.}
[ -d "$folder" ] || fail "$folder is no folder"
for file in tls.key tls.csr; do
  [ ! -e "$folder/$file" ] || fail "$folder/$file is there already" 'Nothing is written over. Move it away first.'
done
config=$(mktemp)
trap 'rm -f "$config"' EXIT
cat >"$config" <<'CONFIG'
[req]
prompt = no
utf8 = yes
string_mask = utf8only
distinguished_name = subject
req_extensions = extensions
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = @names
[names]
DNS.1 = "edge.example"
IP.2 = "192.0.2.7"
URI.3 = "spiffe://x/y"
email.4 = "a@b.example"
[subject]
C = "DE"
O = "Bits & Bobs #1"
OU = "a \"b\" \$HOME \\ `id`"
CONFIG
printf 'CN = %s\n' "$name" >>"$config"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/tls.key"
openssl req -new -config "$config" -key "$folder/tls.key" -out "$folder/tls.csr"
printf '%s\n' "$folder/tls.key stays here, for its owner alone." \
  "$folder/tls.csr goes to the PKI desk, with request-note.md." \
  'With the signed certificate, run konnect-tui on this host and choose the source import.'
