echo ${sh(text)} ${number}
{"text": "${text?json_string}"}
