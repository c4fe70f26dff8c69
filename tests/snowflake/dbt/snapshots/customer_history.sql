{# SPDX-License-Identifier: Apache-2.0 #}
{% snapshot customer_history %}
{{ config(target_schema='public', unique_key='id', strategy='check', check_cols=['tier']) }}
select * from {{ ref('customers') }}
{% endsnapshot %}
