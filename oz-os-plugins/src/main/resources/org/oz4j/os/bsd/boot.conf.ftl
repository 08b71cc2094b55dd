stty com0 115200
set tty com0
set image /${sets}/bsd.rd
