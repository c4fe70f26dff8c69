# SPDX-License-Identifier: Apache-2.0
"""An app as people write it for Streamlit in Snowflake."""

import streamlit as st
from snowflake.snowpark import Session
from snowflake.snowpark.context import get_active_session

st.set_page_config(layout="wide")
session = get_active_session()
assert Session.builder.configs({}).create() is session
st.title("Orders")
status = st.sidebar.selectbox("Status", ["All", "large", "small"])
frame = session.sql("SELECT id, amount, IFF(amount > 9, 'large', 'small') AS status, CURRENT_DATE() AS today "
                    "FROM orders ORDER BY id").to_pandas()
shown = frame if status == "All" else frame[frame["STATUS"] == status]
st.metric("Total", f"${shown['AMOUNT'].sum():,.2f}")
st.dataframe(shown)
st.bar_chart(shown, x="ID", y="AMOUNT")
if "again" not in st.session_state:
    st.session_state["again"] = True
    st.experimental_rerun()
