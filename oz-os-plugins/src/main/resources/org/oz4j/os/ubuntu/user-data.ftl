<#-- json_string would write \/ for a slash, which YAML 1.1 does not know -->
<#macro text value>"${value?replace("\\", "\\\\")?replace("\"", "\\\"")?replace("\n", "\\n")}"</#macro>
<#macro one value><#if value?is_boolean>${value?c}<#elseif value?is_number>${value?c}<#else><@text value/></#if></#macro>
#cloud-config
# ${title}, written by Oz for Java. It holds a password hash: keep it to yourself.
autoinstall:
  version: 1
  refresh-installer:
    update: false
  locale: <@text locale/>
  keyboard:
    layout: <@text keyboard/>
  timezone: <@text timezone/>
<#if source??>
  source:
    id: <@text source/>
    search_drivers: false
</#if>
<#if proxy??>
  proxy: <@text proxy/>
</#if>
  apt:
    geoip: false
  network:
    version: 2
    ethernets:
      wired:
        match:
          name: "e*"
        dhcp4: true
  storage:
<#if actions?has_content>
    swap:
      size: 0
    config:
<#list actions as action>
      - {<#list action as key, value>${key}: <@one value/><#sep>, </#list>}
</#list>
<#else>
    layout:
      name: direct
      match:
        path: <@text disk/>
</#if>
  ssh:
    install-server: true
  # In place of a first account. It is read at the first boot, if cloud-init is switched on again.
  user-data:
    users: []
    disable_root: false
    preserve_hostname: true
  late-commands:
<#list late as command>
    - <@text command/>
</#list>
  error-commands:
    - "tail -n 200 /var/log/installer/subiquity-server-debug.log /var/log/installer/curtin-install.log >/dev/${log}"
    - "echo '${failed}' >/dev/${console}"
  shutdown: poweroff
