#!/bin/sh
# Written by Oz for Java.
set -e
grep -F 'de_AT.UTF-8 ' /target/usr/share/i18n/SUPPORTED >>/target/etc/locale.gen
chroot /target locale-gen
chroot /target update-locale 'LANG=de_AT.UTF-8'
echo 'XKBMODEL="pc105"' >>/target/etc/default/keyboard
echo 'XKBLAYOUT="de"' >>/target/etc/default/keyboard
echo 'XKBVARIANT=""' >>/target/etc/default/keyboard
echo 'XKBOPTIONS=""' >>/target/etc/default/keyboard
echo 'BACKSPACE="guess"' >>/target/etc/default/keyboard
in-target env DEBIAN_FRONTEND=noninteractive apt-get -q -y install console-setup
mkdir -p '/target/root/.ssh'
echo 'ssh-ed25519 AAAAC3 one' >>'/target/root/.ssh'/authorized_keys
echo 'ssh-rsa AAAAB3' >>'/target/root/.ssh'/authorized_keys
chmod 700 '/target/root/.ssh'
chmod 600 '/target/root/.ssh'/authorized_keys
chroot /target chown -R 'root:' '/root/.ssh'
chroot /target groupadd -f 'sudo'
chroot /target groupadd -f 'adm'
chroot /target useradd -m -s /bin/bash -c 'Ann O'\''Hara' -G 'sudo,adm' -p '$6$annsalt$annhash' 'ann'
mkdir -p '/target/home/ann/.ssh'
echo 'ssh-ed25519 AAAAC3 ann'\''s key' >>'/target/home/ann/.ssh'/authorized_keys
chmod 700 '/target/home/ann/.ssh'
chmod 600 '/target/home/ann/.ssh'/authorized_keys
chroot /target chown -R 'ann:' '/home/ann/.ssh'
chroot /target useradd -m -s /bin/bash 'bob'
