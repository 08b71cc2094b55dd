<#macro part it indent>
${indent}{
<#if it.alias??>
${indent}  "alias": "${it.alias?json_string}",
${indent}  "id": "lvm",
<#else>
<#if it.name??>
${indent}  "name": "${it.name?json_string}",
</#if>
${indent}  "filesystem": {
${indent}    "type": "${it.filesystem?json_string}",
${indent}    "path": "${it.mount?json_string}"
${indent}  },
</#if>
<#if it.size??>
${indent}  "size": ${it.size}
<#else>
${indent}  "size": { "min": ${least} }
</#if>
${indent}}<#rt>
</#macro>
{
  "product": {
    "id": "${product?json_string}"
  },
  "bootloader": {
    "stopOnBootMenu": false,
    "extraKernelParams": "${bootarguments?json_string}"
  },
  "hostname": {
    "static": "${hostname?json_string}"
  },
  "localization": {
    "language": "${language?json_string}",
    "keyboard": "${keyboard?json_string}",
    "timezone": "${timezone?json_string}"
  },
  "root": {
    "password": "${password?json_string}",
    "hashedPassword": true
  },
  "software": {
    "packages": [<#list packages as package>"${package?json_string}"<#sep>, </#list>],
    "onlyRequired": true
  },
  "storage": {
    "drives": [
      {
        "search": "${device?json_string}",
        "partitions": [
          {
            "search": "*",
            "delete": true
          },
<#list partitions as partition>
<@part partition "          "/><#sep>,</#sep>
</#list>
        ]
      }
    ],
    "volumeGroups": [
<#list groups as group>
      {
        "name": "${group.name?json_string}",
        "physicalVolumes": ["${group.name?json_string}"],
        "logicalVolumes": [
<#list group.volumes as volume>
<@part volume "          "/><#sep>,</#sep>
</#list>
        ]
      }<#sep>,</#sep>
</#list>
    ]
  },
  "scripts": {
    "post": [
      {
        "name": "oz-setup.sh",
        "chroot": true,
        "content": "${script?json_string}"
      }
    ]
  }
}
