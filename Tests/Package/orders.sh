# Runs in the machine of the test: one script after the other from a pipe, its output and status back through files.
mkdir -p /run/orders
while read -r number </exchange/orders; do
    bash "/exchange/$number.sh" >"/exchange/$number.out" 2>&1
    echo $? >/exchange/answers
done
