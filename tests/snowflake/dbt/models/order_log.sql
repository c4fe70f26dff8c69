{# SPDX-License-Identifier: Apache-2.0 #}
{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}
select id, customer_id, placed, amount, '{{ var("run", "first") }}' as loaded_by
from {{ ref('orders') }}
{% if is_incremental() %}
where placed >= (select max(placed) from {{ this }})
{% endif %}
