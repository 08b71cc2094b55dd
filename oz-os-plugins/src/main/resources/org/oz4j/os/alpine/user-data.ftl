#!/bin/sh
# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.
exec </dev/null >/dev/${console} 2>&1
trap 'oz_status=$?
if test $oz_status = 0; then
<#if pc>
    printf "\n%s\n" ${token} >/dev/${port}
<#else>
    # its name in /dev is not relied on
    oz_name=$(grep -lx ${port} /sys/class/virtio-ports/*/name) || echo "oz: ERROR: there is no port ${port}"
    printf "\n%s\n" ${token} >/dev/$(basename $(dirname $oz_name))
</#if>
else
    echo "oz: ERROR: the install ended with status $oz_status"
fi
poweroff' EXIT
set -e

oz_mark() {
    echo "oz: $*"
}

oz_mark base system
cat >/tmp/oz-answers <<'oz-end'
KEYMAPOPTS=${sh(keymap)}
HOSTNAMEOPTS=${sh(hostname)}
DEVDOPTS=mdev
INTERFACESOPTS='auto lo
iface lo inet loopback

auto eth0
iface eth0 inet dhcp
'
TIMEZONEOPTS=${sh(timezone)}
PROXYOPTS=none
APKREPOSOPTS=-1
USEROPTS=none
SSHDOPTS=openssh
NTPOPTS=none
DISKOPTS=${sh("-m sys " + disk)}
oz-end
<#if proxy?has_content>
export http_proxy=${sh(proxy)}
</#if>
export ERASE_DISKS=${sh(disk)} KERNELOPTS='${consoles}'
rm -f /etc/runlevels/*/tiny-cloud* # what has started this, which the new system would take over
setup-alpine -e -f /tmp/oz-answers

oz_mark settings
oz_root=/tmp/oz-root
mkdir $oz_root
for oz_part in ${disk}[0-9]*; do
    if mount -t ext4 $oz_part $oz_root 2>/dev/null; then
        test -e $oz_root/etc/alpine-release && break
        umount $oz_root
    fi
done
test -e $oz_root/etc/alpine-release
chroot $oz_root apk del tiny-cloud-alpine || true
echo ${sh("root:" + password)} | chroot $oz_root chpasswd -e
grep -q '^${console}:' $oz_root/etc/inittab || echo '${console}::respawn:/sbin/getty -L 0 ${console} vt100' >>$oz_root/etc/inittab
<#macro keys owner home keys>
<#if keys?has_content>
mkdir -p $oz_root${sh(home + "/.ssh")}
<#list keys as key>
echo ${sh(key)} >>$oz_root${sh(home + "/.ssh/authorized_keys")}
</#list>
chmod 700 $oz_root${sh(home + "/.ssh")}
chmod 600 $oz_root${sh(home + "/.ssh/authorized_keys")}
chroot $oz_root chown -R ${sh(owner + ":")} ${sh(home + "/.ssh")}
</#if>
</#macro>
<@keys "root", "/root", rootkeys/>
<#list users as user>
chroot $oz_root adduser -D -g ${sh(user.full)} -s /bin/ash ${sh(user.name)}
<#list user.groups as group>
chroot $oz_root grep -q ${sh("^" + group + ":")} /etc/group || chroot $oz_root addgroup ${sh(group)}
chroot $oz_root addgroup ${sh(user.name)} ${sh(group)}
</#list>
<#-- an asterisk is a password that nothing matches; adduser's own sign would keep ssh from keys too -->
echo ${sh(user.name + ":" + user.password?has_content?then(user.password, "*"))} | chroot $oz_root chpasswd -e
<@keys user.name, "/home/" + user.name, user.keys/>
</#list>
umount $oz_root
sync
