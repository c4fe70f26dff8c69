{# SPDX-License-Identifier: Apache-2.0 #}
{{ config(materialized='table') }}
select c.id as customer_id, c.name, coalesce(sum(o.amount), 0) as total, count(o.id) as orders
from {{ ref('customers') }} c left join {{ ref('orders') }} o on o.customer_id = c.id
group by 1, 2
