#!/bin/sh
# Installs the data plane nodes of this bundle in Kubernetes: namespace, Secrets, one Helm release per key.
# Written by konnect-tui. See: ./install.sh --help
set -eu
umask 077

namespace='kong'
release='payments-eu-3c4d'
chart='kong'
repository='https://charts.konghq.com'
version='3.4.1'
trust='control-plane-ca.crt'

# NODE RELEASE FULLNAME HOSTNAME LABELS
releases() {
  cat <<'RELEASES'
pay-1 payments-eu-3c4d-pay-1 payments-eu-3c4d-pay-1 pay-1 node:pay-1,zone:a.1
pay-2 payments-eu-3c4d-pay-2 payments-eu-3c4d-pay-2 pay-2 node:pay-2,zone:a.1
RELEASES
}

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
here=$(CDPATH='' cd "$(dirname "$self")" && pwd -P)

bundle=${here%/*/*}

usage() {
  cat <<'USAGE'
usage: install.sh [NODE...]

Makes the namespace, one TLS Secret per key and the Helm releases, in the cluster that kubectl points to.
Without NODE all releases are installed, else only those of the nodes named. Running it again is safe: what is
already there stays, and pods are replaced only where their certificate or values have changed.
USAGE
}

for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    -*) printf 'install.sh: there is no such option\n' >&2; usage >&2; exit 2 ;;
  esac
  releases | cut -d ' ' -f 1 | grep -q -x -F -e "$argument" || fail "this bundle has no such node" \
    "Its nodes: $(releases | cut -d ' ' -f 1 | head -n 20 | tr '\n' ' ')"
done
wanted=" $* "

for program in kubectl helm; do
  command -v "$program" >/dev/null 2>&1 || fail "the program $program is missing" "Install it, then run this again."
done

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# apply: what stands on standard input, by the server; see the documentation of kubectl apply --server-side.
apply() {
  kubectl apply --namespace "$namespace" --server-side --force-conflicts --field-manager konnect-tui -f -
}

# values: what only this release has. The checksum makes Helm replace the pods when the certificate has changed,
# which Kong reads only when it starts.
values() {
  printf 'fullnameOverride: "%s"\n' "$fullname"
  printf 'podAnnotations:\n  checksum/cluster-certificate: "%s"\n' "$checksum"
  printf 'secretVolumes:\n- "%s"\n' "$name-cert"
  [ -z "$trust" ] || printf -- '- "%s"\n' "$release-trust"
  printf 'env:\n  cluster_cert: "/etc/secrets/%s/tls.crt"\n' "$name-cert"
  printf '  cluster_cert_key: "/etc/secrets/%s/tls.key"\n' "$name-cert"
  printf '  cluster_dp_labels: "%s"\n' "$labels"
  [ "$hostname" = - ] || printf 'deployment:\n  hostname: "%s"\n' "$hostname"
}

install_release() {
  certificate=$bundle/nodes/$node/tls.crt
  key=$bundle/nodes/$node/tls.key
  for file in "$certificate" "$key"; do
    [ -r "$file" ] || fail "$node: not there or not readable: $file" "Run this as the owner of the bundle."
  done
  checksum=$(cat -- "$certificate" ${trust:+"$bundle/trust/$trust"} | sha256)
  [ "${#checksum}" -eq 64 ] || fail "neither sha256sum nor shasum works here"

  printf '%s: Helm release %s\n' "$node" "$name"
  kubectl create secret tls "$name-cert" --namespace "$namespace" --cert "$certificate" --key "$key" \
    --dry-run=client -o yaml </dev/null | apply
  set -- --namespace "$namespace" -f "$here/values.yaml"
  [ ! -e "$here/nodes/$node.yaml" ] || set -- "$@" -f "$here/nodes/$node.yaml"
  [ -z "$repository" ] || set -- "$@" --repo "$repository"
  [ -z "$version" ] || set -- "$@" --version "$version"
  values | helm upgrade --install "$name" "$chart" "$@" -f -
}

[ -z "$trust" ] || [ -r "$bundle/trust/$trust" ] || fail "not there or not readable: $bundle/trust/$trust"

printf 'Cluster: %s\n' "$(kubectl config current-context 2>/dev/null </dev/null || printf 'the one this pod runs in')"
kubectl get namespace "$namespace" >/dev/null 2>&1 </dev/null || kubectl create namespace "$namespace" </dev/null

if [ -n "$trust" ]; then
  cd -- "$bundle/trust" # kubectl takes no path with = in it here
  kubectl create secret generic "$release-trust" --namespace "$namespace" --from-file "$trust" \
    --dry-run=client -o yaml </dev/null | apply
fi

releases | while read -r node name fullname hostname labels; do
  case $wanted in
    '  ' | *" $node "*) install_release ;;
  esac
done
printf 'See what runs: kubectl --namespace %s get pods\n' "$namespace"
