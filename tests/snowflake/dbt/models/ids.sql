{# SPDX-License-Identifier: Apache-2.0 #}
{{ config(materialized='ephemeral') }}
select id from {{ ref('customers') }}
