{# SPDX-License-Identifier: Apache-2.0 #}
select * from {{ ref('spending') }} where total < 0 or customer_id not in (select id from {{ ref('ids') }})
