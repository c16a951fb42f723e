#!/usr/bin/env bash
# The first process of a cluster's own namespaces: prepares them, says so in FOLDER/prepared, then waits and reaps.
# Usage: init.sh FOLDER CNI_PLUGINS; the paths that the parts' configurations name are below /run, which is memory.
set -euo pipefail
folder=$1 plugins=$2

mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/shunt /run/netns /run/cni/bin
mount --bind "$folder" /run/shunt
mount --bind "$plugins" /run/cni/bin
mount -t tmpfs -o mode=0755 tmpfs /var/log

# The kubelet sets these for the whole machine, whatever its configuration says; here it sets copies.
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  copy=/run/shunt/sysctl/$name
  mkdir -p "$(dirname "$copy")"
  cat "/proc/sys/$name" >"$copy"
  mount --bind "$copy" "/proc/sys/$name"
done

# Layers are shared where the folder's file system allows, and copied otherwise.
mkdir -p /run/shunt/probe/{lower,upper,work,merged}
if mount -t overlay overlay -o lowerdir=/run/shunt/probe/lower,upperdir=/run/shunt/probe/upper,workdir=/run/shunt/probe/work \
  /run/shunt/probe/merged 2>/dev/null; then
  umount /run/shunt/probe/merged
  snapshotter=overlayfs
else
  snapshotter=native
fi
rm -rf /run/shunt/probe
sed "s/@SNAPSHOTTER@/$snapshotter/" "$(dirname "${BASH_SOURCE[0]}")/containerd.toml" >/run/shunt/containerd.toml

mount --make-rshared /
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
touch /run/shunt/prepared
while :; do
  sleep infinity &
  wait
done
