# SPDX-License-Identifier: Apache-2.0
"""Tables made from classes, rows as objects, executemany, transactions."""

import datetime as dt
import os
from decimal import Decimal

import pandas
import pytest
import sqlalchemy as sa
from snowflake.sqlalchemy import URL, MergeInto
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(40))
    born: Mapped[dt.date | None]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String)
    price: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    sold: Mapped[dt.datetime | None]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


@pytest.fixture(scope="module", params=["pyformat", "qmark"])
def engine(database, request):
    made = sa.create_engine(
        URL(account="tarn", user=os.environ["TARN_TEST_USER"], password=os.environ["TARN_TEST_PASSWORD"], database=database,
            schema="PUBLIC"),
        paramstyle=request.param,
        connect_args={"host": os.environ["TARN_TEST_HOST"], "port": int(os.environ["TARN_TEST_PORT"]), "protocol": "http",
                      "paramstyle": request.param})
    Base.metadata.create_all(made)
    yield made
    Base.metadata.drop_all(made)
    made.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as made:
        yield made
        made.rollback()
        made.execute(sa.delete(Book))
        made.execute(sa.delete(Author))
        made.commit()


def test_objects(session):
    author = Author(id=1, name="O'Brien \\ co", born=dt.date(1911, 10, 5))
    author.books = [Book(id=1, title="at swim", price=Decimal("12.50"), sold=dt.datetime(2024, 1, 2, 3, 4, 5, 600000)),
                    Book(id=2, title="the third", price=None)]
    session.add(author)
    session.commit()
    session.expire_all()
    found = session.scalars(sa.select(Author).where(Author.name.like("O'%"))).one()
    assert (found.name, found.born) == ("O'Brien \\ co", dt.date(1911, 10, 5))
    assert [(book.title, book.price, book.sold) for book in sorted(found.books, key=lambda book: book.title)] == [
        ("at swim", Decimal("12.50"), dt.datetime(2024, 1, 2, 3, 4, 5, 600000)), ("the third", None, None)]
    found.books[0].price = Decimal("1.00")
    session.delete(found.books[1])
    session.commit()
    assert session.execute(sa.select(Book.price)).all() == [(Decimal("1.00"),)]


def test_numbers_that_the_table_gives(engine):
    """An identity column is named in no INSERT."""
    metadata = sa.MetaData()
    table = sa.Table("numbered", metadata, sa.Column("id", sa.Integer, sa.Identity(start=10, increment=5), primary_key=True),
                     sa.Column("name", sa.String))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO numbered (name) VALUES ('a'), ('b')"))
        assert connection.execute(sa.select(table.c.id).order_by(table.c.id)).scalars().all() == [10, 15]
    metadata.drop_all(engine)


def test_many_rows(session, engine):
    table = Author.__table__
    with engine.begin() as connection:
        done = connection.execute(table.insert(), [{"id": n, "name": f"author {n}", "born": None} for n in range(1000, 1500)])
        assert done.rowcount == 500
    total, = session.execute(sa.select(sa.func.count(), sa.func.sum(table.c.id)).where(table.c.id >= 1000)).all()
    assert total == (500, sum(range(1000, 1500)))
    page = session.scalars(sa.select(Author.id).order_by(Author.id).limit(3).offset(10).where(Author.id >= 1000)).all()
    assert page == [1010, 1011, 1012]


def test_queries(session):
    session.add_all([Author(id=1, name="a", books=[Book(id=1, title="x", price=10), Book(id=2, title="y", price=20)]),
                     Author(id=2, name="b", books=[Book(id=3, title="z", price=5)])])
    session.commit()
    totals = (sa.select(Author.name, sa.func.sum(Book.price).label("total")).join(Author.books).group_by(Author.name)
              .having(sa.func.count() >= 1).order_by(sa.desc("total")))
    assert session.execute(totals).all() == [("a", Decimal("30.00")), ("b", Decimal("5.00"))]
    ranked = sa.select(Book.title, sa.func.row_number().over(partition_by=Book.author_id, order_by=Book.price.desc()).label("r")).cte("ranked")
    assert session.scalars(sa.select(ranked.c.title).where(ranked.c.r == 1).order_by(ranked.c.title)).all() == ["y", "z"]
    assert session.execute(sa.update(Book).where(Book.price < 15).values(price=Book.price + 1)).rowcount == 2
    assert session.execute(sa.delete(Book).where(Book.title == "z")).rowcount == 1


def test_transactions(session, engine):
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(Author.__table__.insert().values(id=7, name="seven"))
        transaction.rollback()
    with pytest.raises(sa.exc.ProgrammingError, match="NO_SUCH_TABLE"):
        with engine.begin() as connection:
            connection.execute(Author.__table__.insert().values(id=8, name="eight"))
            connection.execute(sa.text("SELECT * FROM no_such_table"))
    assert session.scalar(sa.select(sa.func.count()).select_from(Author)) == 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(Author.__table__.insert().values(id=9, name="nine"))
    assert session.scalars(sa.select(Author.id)).all() == [9]


def test_merge(session, engine):
    target = Author.__table__
    session.execute(target.insert(), [{"id": 1, "name": "old"}])
    session.commit()
    source = sa.select(sa.literal(1).label("id"), sa.literal("new").label("name")).union_all(
        sa.select(sa.literal(2), sa.literal("two"))).subquery("source")
    merge = MergeInto(target=target, source=source, on=target.c.id == source.c.id)
    merge.when_matched_then_update().values(name=source.c.name)
    merge.when_not_matched_then_insert().values(id=source.c.id, name=source.c.name)
    with engine.begin() as connection:
        connection.execute(merge)
    assert session.execute(sa.select(Author.id, Author.name).order_by(Author.id)).all() == [(1, "new"), (2, "two")]


def test_frames(session, engine):
    frame = pandas.DataFrame({"n": [1, 2, 3], "s": ["a", "b", None], "x": [0.5, 1.5, 2.5]})
    with engine.begin() as connection:
        frame.to_sql("frames", connection, index=False, if_exists="replace")
        found = pandas.read_sql("SELECT * FROM frames ORDER BY n", connection)
        connection.execute(sa.text("DROP TABLE frames"))
    assert found["n"].tolist() == [1, 2, 3] and found["x"].tolist() == [0.5, 1.5, 2.5]
    assert found["s"].tolist()[:2] == ["a", "b"] and pandas.isna(found["s"][2])


def test_keys_come_from_a_sequence(engine):
    metadata = sa.MetaData()
    numbered = sa.Table("numbered", metadata, sa.Column("id", sa.Integer, sa.Sequence("numbered_ids"), primary_key=True),
                        sa.Column("name", sa.String))
    metadata.create_all(engine)
    try:
        with engine.begin() as connection:
            first, second = (connection.execute(numbered.insert().values(name=name)).inserted_primary_key[0] for name in "ab")
            assert second > first
            connection.execute(numbered.insert(), [{"name": "c"}, {"name": "d"}])
            rows = connection.execute(sa.select(numbered)).all()
        assert sorted(row.name for row in rows) == ["a", "b", "c", "d"]
        assert len({row.id for row in rows}) == 4
    finally:
        metadata.drop_all(engine)
