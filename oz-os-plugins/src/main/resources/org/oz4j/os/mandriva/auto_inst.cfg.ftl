#!/usr/bin/perl -cw
# ${title}, written by Oz for Java. It holds passwords: keep it to yourself.
# Every value is a string in single quotes.
$o = {
  'lang' => 'en_US',
  'keyboard' => 'us',
  'timezone' => { 'timezone' => ${timezone}, 'UTC' => 1 },
  'security' => 2,
  'isUpgrade' => 0,
  'autoExitInstall' => 1,
  'X' => { 'disabled' => 1 },
  'partitioning' => { 'clearall' => 1, 'eraseBadPartitions' => 1, 'auto_allocate' => 1 },
  'partitions' => [
<#list partitions as partition>
    { 'mntpoint' => ${partition.mount}, ${partition.type}, 'size' => ${partition.sectors}<#if partition.grows>, 'ratio' => 100</#if> },
</#list>
  ],
  'default_packages' => [
<#list packages as package>
    '${package}',
</#list>
  ],
  'authentication' => { 'shadow' => 1<#if md5>, 'md5' => 1</#if> },
  'superuser' => { ${secret} => ${password}, 'shell' => '/bin/bash', 'home' => '/root', 'realname' => 'root', 'uid' => 0, 'gid' => 0 },
  'users' => [
<#list users as user>
    { 'name' => ${user.name}, 'realname' => ${user.fullname}, <#if user.password??>${secret} => ${user.password}, </#if>'shell' => '/bin/bash', 'home' => ${user.home} },
</#list>
  ],
  'postInstall' => ${script},
};
