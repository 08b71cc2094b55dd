# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.

PARTITIONS="${disk} GPT { 1G freebsd-swap, auto freebsd-ufs / }"
DISTRIBUTIONS="kernel.txz base.txz"
export nonInteractive="YES"

# The installer has no hook behind its last step, so one waits beside it: it lets the script below end, waits for the
<#if pc>
# installer's own shell, and sees that the new system's disk was let go of. The log goes to the second serial port.
(
    oz_port=/dev/cuau1
<#else>
# installer's own shell, and sees that the new system's disk was let go of. The log goes to the only serial port. Without
# another one, that the machine powers off is what says that all went well.
(
    oz_port=/dev/ttyu0
</#if>
    oz_root=$BSDINSTALL_CHROOT
    tail -n +1 -F "$BSDINSTALL_LOG" >$oz_port 2>&1 &
    oz_tail=$!
    oz_done=no
    while kill -0 $$ 2>/dev/null; do
        if test -e $oz_root/tmp/oz-done; then
            rm $oz_root/tmp/oz-done
            oz_done=yes
        fi
        sleep 1
    done
    kill $oz_tail
    if test $oz_done = yes && ! mount | grep -q " on $oz_root "; then
        printf '\n%s\n' ${token} >$oz_port
<#if pc>
    fi
    shutdown -p now
<#else>
        shutdown -p now
    else
        printf '\noz: the installation failed\n' >$oz_port
    fi
</#if>
) </dev/null >/dev/null 2>&1 &

#!/bin/sh
set -e
trap 'oz_status=$?
if test $oz_status = 0; then
    touch /tmp/oz-done
    while test -e /tmp/oz-done; do sleep 1; done
fi
exit $oz_status' EXIT
sysrc hostname=${sh(hostname)}
sysrc ifconfig_DEFAULT=DHCP
sysrc sshd_enable=YES
<#if keymap?has_content>
test -e ${sh("/usr/share/vt/keymaps/" + keymap + ".kbd")}
sysrc keymap=${sh(keymap + ".kbd")}
</#if>
echo 'boot_multicons="YES"' >>/boot/loader.conf
cp ${sh("/usr/share/zoneinfo/" + timezone)} /etc/localtime
echo ${sh(timezone)} >/var/db/zoneinfo
echo ${sh(password)} | pw usermod root -H 0
<#list users as user>
<#list user.groups as group>
pw groupshow ${sh(group)} >/dev/null 2>&1 || pw groupadd ${sh(group)}
</#list>
<#if user.password?has_content>
echo ${sh(user.password)} | pw useradd -n ${sh(user.name)} -c ${sh(user.full)} -m -s /bin/sh<#if user.groups?has_content> -G ${sh(user.groups?join(","))}</#if> -H 0
<#else>
pw useradd -n ${sh(user.name)} -c ${sh(user.full)} -m -s /bin/sh<#if user.groups?has_content> -G ${sh(user.groups?join(","))}</#if> -w no
</#if>
<@keys user.name, "/home/" + user.name, user.keys/>
</#list>
<#macro keys owner home keys>
<#if keys?has_content>
mkdir -p ${sh(home + "/.ssh")}
<#list keys as key>
echo ${sh(key)} >>${sh(home + "/.ssh/authorized_keys")}
</#list>
chmod 700 ${sh(home + "/.ssh")}
chmod 600 ${sh(home + "/.ssh/authorized_keys")}
chown -R ${sh(owner + ":")} ${sh(home + "/.ssh")}
</#if>
</#macro>
<#if rootkeys?has_content>
<@keys "root", "/root", rootkeys/>
echo 'PermitRootLogin without-password' >>/etc/ssh/sshd_config
</#if>
