#!/usr/bin/env bash
# Runs a command in a root of its own, as a container would have it. Runs inside a private mount namespace.
# Usage: container-root.sh FOLDER MOUNTS USER(uid:gid or -) READONLY(ro or rw) COMMAND...
# MOUNTS has lines of KIND, SOURCE, TARGET, MODE, separated by tabs; KIND is bind or tmpfs.
set -euo pipefail
root=$1 mounts=$2 user=$3 readonly=$4
shift 4

# An ordinary user may not drop the flags that a file system was mounted with.
make_read_only() {
  mount -o remount,bind,ro "$1" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev "$1"
}

mount -t tmpfs -o mode=0755 tmpfs "$root"
for name in bin sbin lib lib32 lib64 libx32 usr opt; do
  [ -e "/$name" ] || continue
  if [ -L "/$name" ]; then
    ln -s "$(readlink "/$name")" "$root/$name"
  else
    mkdir "$root/$name"
    mount --rbind "/$name" "$root/$name"
  fi
done
mkdir -p "$root"/{proc,dev,tmp,etc,run,var}
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
# Envoy keeps state for restarts in shared memory; a container sees its own alone.
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
while IFS=$'\t' read -r kind source target mode; do
  case $kind in
    bind)
      if [ -d "$source" ]; then
        mkdir -p "$root$target"
      else
        mkdir -p "$(dirname "$root$target")"
        touch "$root$target"
      fi
      mount --bind "$source" "$root$target"
      [ "$mode" = rw ] || make_read_only "$root$target"
      ;;
    tmpfs)
      mkdir -p "$root$target"
      mount -t tmpfs -o mode=1777 tmpfs "$root$target"
      ;;
  esac
done <"$mounts"
[ "$readonly" = rw ] || make_read_only "$root"
if [ "$user" = - ]; then exec chroot "$root" "$@"; fi
exec chroot --userspec="$user" --groups= "$root" "$@"
