{
  "archinstall-language": "English",
  "script": "guided",
  "disk_config": {
    "config_type": "pre_mounted_config",
    "mountpoint": "/mnt/archinstall"
  },
  "bootloader": "Grub",
  "bootloader_config": {
    "bootloader": "Grub",
    "uki": false,
    "removable": true
  },
  "hostname": "${hostname?json_string}",
  "kernels": ["linux"],
  "locale_config": {
    "kb_layout": "${keyboard?json_string}",
    "sys_enc": "${encoding?json_string}",
    "sys_lang": "${locale?json_string}"
  },
  "network_config": {
    "type": "iso"
  },
  "ntp": true,
  "packages": ["openssh"],
  "services": ["sshd"],
  "swap": false,
  "timezone": "${timezone?json_string}"
}
