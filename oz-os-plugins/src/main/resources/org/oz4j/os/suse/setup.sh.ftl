#!/bin/bash
# Written by Oz for Java: what the installer has no words for. The token at the end means that all went well.
set -e
<#if systemd>
systemctl enable sshd.service
if command -v firewall-offline-cmd >/dev/null; then
  firewall-offline-cmd --query-service=ssh >/dev/null || firewall-offline-cmd --add-service=ssh
fi
<#else>
chkconfig sshd on
</#if>
<#if network>
# The installer writes these in its second stage, which there is none of.
echo ${sh(hostname)} >/etc/hostname
if test -d /etc/sysconfig/network; then
  test -e /etc/sysconfig/network/ifcfg-eth0 ||
    printf '%s\n' "BOOTPROTO='dhcp'" "STARTMODE='auto'" >/etc/sysconfig/network/ifcfg-eth0
fi
</#if>
<#if proxied>
# The proxy of the install is not there any more.
for file in /etc/sysconfig/proxy /root/.curlrc; do
  if test -f "$file"; then
    sed -i -e '/^--proxy/d' -e 's/^PROXY_ENABLED=.*/PROXY_ENABLED="no"/' -e 's/^\(HTTPS\?_PROXY\|FTP_PROXY\)=.*/\1=""/' "$file"
  fi
done
</#if>
# The install medium is not there any more.
for file in /etc/zypp/repos.d/*.repo; do
  if grep -q -E '^baseurl ?= ?(cd|dvd|hd|iso|dir|file):' "$file"; then
    sed -i 's/^enabled *=.*/enabled=0/' "$file"
  fi
done
<#list users as user>
<#list user.groups as group>
getent group ${sh(group)} >/dev/null || groupadd ${sh(group)}
</#list>
useradd -m -s /bin/bash<#if user.fullname??> -c ${sh(user.fullname)}</#if><#if user.groups?has_content> -G ${sh(user.groups?join(","))}</#if><#if user.hash??> -p ${sh(user.hash)}</#if> ${sh(user.name)}
<#if user.password??>
printf '%s\n' ${sh(user.name + ":" + user.password)} | chpasswd
</#if>
</#list>
<#list keys as one>
mkdir -p ${sh(one.home + "/.ssh")}
<#list one.keys as key>
printf '%s\n' ${sh(key)} >>${sh(one.home + "/.ssh/authorized_keys")}
</#list>
chmod 700 ${sh(one.home + "/.ssh")}
chmod 600 ${sh(one.home + "/.ssh/authorized_keys")}
chown -R ${sh(one.user + ":")} ${sh(one.home + "/.ssh")}
</#list>
<#if systemd>
# Labels for what was written here: SELinux does not run in the installer.
contexts=/etc/selinux/targeted/contexts/files/file_contexts
if test -f "$contexts" && command -v setfiles >/dev/null; then
  setfiles -F "$contexts" /root /home /etc || echo "Some files have no labels"
fi
</#if>
sync
printf '\n%s\n' ${token} >/dev/${port}
