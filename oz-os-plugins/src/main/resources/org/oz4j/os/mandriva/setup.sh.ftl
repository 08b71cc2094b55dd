# Written by Oz for Java: what the installer has no words for.
set -e
cd /
touch /etc/sysconfig/network
grep -v -e '^HOSTNAME=' -e '^NETWORKING=' /etc/sysconfig/network >/tmp/oz-network || true
printf '%s\n' 'NETWORKING=yes' ${sh("HOSTNAME=" + hostname)} >>/tmp/oz-network
cat /tmp/oz-network >/etc/sysconfig/network
rm -f /tmp/oz-network
printf '%s\n' ${sh(hostname)} >/etc/hostname
mkdir -p /etc/sysconfig/network-scripts
printf '%s\n' 'DEVICE=eth0' 'BOOTPROTO=dhcp' 'ONBOOT=yes' >/etc/sysconfig/network-scripts/ifcfg-eth0
if command -v systemctl >/dev/null; then
  systemctl enable sshd.service
else
  chkconfig sshd on
fi
<#list users as user>
<#list user.groups as group>
grep -q ${sh("^" + group + ":")} /etc/group || groupadd ${sh(group)}
</#list>
<#if user.groups?has_content>
usermod -G ${sh(user.groups?join(","))} ${sh(user.name)}
</#if>
</#list>
<#list keys as one>
mkdir -p ${sh(one.home + "/.ssh")}
<#list one.keys as key>
printf '%s\n' ${sh(key)} >>${sh(one.home + "/.ssh/authorized_keys")}
</#list>
chmod 700 ${sh(one.home + "/.ssh")}
chmod 600 ${sh(one.home + "/.ssh/authorized_keys")}
chown -R ${sh(one.user)} ${sh(one.home + "/.ssh")}
</#list>
sync
<#if token??>
# The token means that all went well; the device's file may be missing in here.
rm -f /tmp/oz-port
mknod /tmp/oz-port c 4 65
printf '\n%s\n' ${token} >/tmp/oz-port
rm -f /tmp/oz-port
</#if>
