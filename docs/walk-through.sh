#!/bin/sh
# From a cart to a delivered parcel, and what may go wrong on the way: prints each call and what the server answers.
# usage: docs/walk-through.sh [URL]      needs curl, and a server: ./holdfast up
set -eu

SHOP=${1:-http://127.0.0.1:8080}
SKU=MUG-$(date +%s)
JSON='Content-Type: application/json'

say() {
    printf '\n# %s\n' "$*"
}

run() {
    printf '$ %s\n' "$1"
    eval "$1"
}

# The id of what was made: each answer begins with it.
id() {
    sed 's/^{"id":"\([^"]*\)".*/\1/'
}

# Some members of an answer.
only() {
    grep -oE "\"($1)\":(\"[^\"]*\"|[^],{}]*)" | tr '\n' ' '
    echo
}

key() {
    printf 'Idempotency-Key: %s-%s' "$SKU" "$1"
}

say 'Three mugs, for 12.50 each'
run 'curl -s $SHOP/v1/stock/receipts -H "$JSON" -H "$(key receipt)" -d "{\"sku\": \"$SKU\", \"quantity\": 3}" | only "sku|kind|onHandDelta"'
run 'PRODUCT=$(curl -s $SHOP/v1/products -H "$JSON" -H "$(key product)" -d "{\"name\": \"Mug\", \"skus\": [{\"sku\": \"$SKU\", \"price\": {\"amountMinor\": 1250, \"currency\": \"EUR\"}}]}" | id)'
run 'curl -s -X POST $SHOP/v1/products/$PRODUCT/activate | only "name|lifecycle"'

say 'A cart with one of them, bought'
run 'CART=$(curl -s $SHOP/v1/carts -H "$JSON" -H "$(key cart)" -d "{\"channel\": \"web\"}" | id)'
run 'curl -s -X PUT $SHOP/v1/carts/$CART/lines/$SKU -H "$JSON" -d "{\"quantity\": 1}" | only "sku|quantity|priceChanged|missing"'
run 'ORDER=$(curl -s $SHOP/v1/checkouts -H "$JSON" -H "$(key pay)" -d "{\"cartId\": \"$CART\", \"payment\": \"tok_approve\"}" | id)'
run 'curl -s $SHOP/v1/orders/$ORDER | only "state|amountMinor|currency|sku|quantity"'
run 'curl -s $SHOP/v1/checkouts -H "$JSON" -H "$(key other-tab)" -d "{\"cartId\": \"$CART\", \"payment\": \"tok_approve\"}" | only "status|code|orderId"'

say 'Packed, shipped, delivered'
run 'curl -s -X POST $SHOP/v1/orders/$ORDER/pack -H "$(key pack)" | only state'
run 'curl -s -X POST $SHOP/v1/orders/$ORDER/ship -H "$(key ship)" -H "Holdfast-Actor: anna" | only state'
run 'curl -s -X POST $SHOP/v1/orders/$ORDER/deliver -H "$(key deliver)" | only state'
run 'curl -s $SHOP/v1/orders/$ORDER/events | only "number|type|actor"'

say 'A decline: no money, no units, and the cart is there as before'
run 'CART=$(curl -s $SHOP/v1/carts -H "$JSON" -H "$(key second-cart)" -d "{}" | id)'
run 'curl -s -X PUT $SHOP/v1/carts/$CART/lines/$SKU -H "$JSON" -d "{\"quantity\": 2}" | only "sku|quantity"'
run 'curl -s $SHOP/v1/checkouts -H "$JSON" -H "$(key declined)" -d "{\"cartId\": \"$CART\", \"payment\": \"tok_insufficient_funds\"}" | only "state|reason|orderId"'
run 'curl -s $SHOP/v1/stock/$SKU | only "onHand|held|allocated"'

say 'A late payment: cancelled while the money is on its way; it comes, and goes back'
run 'LATE=$(curl -s $SHOP/v1/checkouts -H "$JSON" -H "$(key late)" -H "Prefer: wait=0" -d "{\"cartId\": \"$CART\", \"payment\": \"tok_transfer:3000\"}" | id)'
run 'curl -s $SHOP/v1/checkouts/$LATE | only "state|heldUntil"'
run 'curl -s -X POST $SHOP/v1/checkouts/$LATE/cancel -H "Prefer: wait=0" | only state'
run 'until curl -s $SHOP/v1/checkouts/$LATE | grep -q REFUNDED; do sleep 0.5; done'
run 'curl -s $SHOP/v1/checkouts/$LATE | only "state|reason|orderId"'

say 'A till sale: taken and gone at once'
run 'curl -s $SHOP/v1/sales -H "$JSON" -H "$(key till)" -d "{\"lines\": [{\"sku\": \"$SKU\", \"quantity\": 1}], \"channel\": \"till\"}" | only "sku|quantity|channel"'
run 'curl -s $SHOP/v1/stock/$SKU | only "onHand|held|allocated"'
run 'curl -s $SHOP/v1/invariants | only ok | cut -c1-10'
