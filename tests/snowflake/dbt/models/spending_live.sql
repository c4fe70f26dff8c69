{# SPDX-License-Identifier: Apache-2.0 #}
{{ config(materialized='dynamic_table', snowflake_warehouse='DBT', target_lag='1 minute') }}
select customer_id, sum(amount) as total from {{ ref('orders') }} group by customer_id
