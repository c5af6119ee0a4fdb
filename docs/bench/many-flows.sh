#!/bin/sh
# Writes a project of N flows (200 unless told) to a folder, for timing `centralita validate`:
#   docs/bench/many-flows.sh /tmp/many 200 && target/release/centralita validate --project /tmp/many
set -eu
folder=$1
count=${2:-200}
mkdir -p "$folder/data"
cat > "$folder/config.yml" <<'YAML'
language: en
assistant_id: many
pipeline:
  - name: CompactLLMCommandGenerator
policies:
  - name: FlowPolicy
YAML
{ echo 'slots:'
  for n in $(seq "$count"); do
    printf '  amount_%s: {type: float}\n  kind_%s: {type: categorical, values: [debit, credit]}\n  sure_%s: {type: bool}\n' "$n" "$n" "$n"
  done
  echo 'responses:'
  for n in $(seq "$count"); do
    printf '  utter_ask_amount_%s: [{text: "How much?"}]\n  utter_ask_kind_%s: [{text: "Debit or credit?"}]\n' "$n" "$n"
    printf '  utter_ask_sure_%s: [{text: "{amount_%s} by {kind_%s}, sure?"}]\n  utter_fine_%s: [{text: "Fine."}]\n  utter_no_%s: [{text: "Then not."}]\n' "$n" "$n" "$n" "$n" "$n"
  done
} > "$folder/domain.yml"
{ echo 'flows:'
  for n in $(seq "$count"); do
    cat <<YAML
  pay_$n:
    name: payment number $n
    description: Makes payment number $n
    steps:
      - collect: amount_$n
        rejections:
          - if: slots.amount_$n < 1
            utter: utter_ask_amount_$n
      - collect: kind_$n
        next:
          - if: slots.kind_$n is "debit" and slots.amount_$n > 1000
            then: no
          - else: ask
      - id: ask
        collect: sure_$n
        ask_before_filling: true
        next:
          - if: slots.sure_$n
            then:
              - action: utter_fine_$n
                next: END
          - else: no
      - id: no
        action: utter_no_$n
YAML
  done
} > "$folder/data/flows.yml"
