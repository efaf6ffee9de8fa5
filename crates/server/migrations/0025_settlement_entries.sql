-- Whatever moves money goes to accounting: bounced cheques, reallocations, waivers and attested taxes beside payments and
-- their reversals. What was flagged had no effect, or part of it: the accountant has seen it.
INSERT INTO payments (organisation, payment, client, server_seq)
SELECT organisation, fact_id, client, server_seq FROM facts
WHERE type_name IN ('cheque_bounced', 'reallocated', 'amount_waived', 'withholding_attested')
  AND projected AND flags = '[]' AND client IS NOT NULL AND fact_id IS NOT NULL
ON CONFLICT (organisation, payment) DO NOTHING;
