"""The list of recommendations, as usually written with FastAPI, SQLAlchemy and asyncmy."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import URL, ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Run(Base):
    __tablename__ = "app_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    min_ratings: Mapped[int]


class Movie(Base):
    __tablename__ = "app_movie"
    movie_id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int | None]
    genres: Mapped[list["MovieGenre"]] = relationship(order_by="MovieGenre.genre")


class MovieGenre(Base):
    __tablename__ = "app_moviegenre"
    movie_id: Mapped[int] = mapped_column(ForeignKey(Movie.movie_id), primary_key=True)
    genre: Mapped[str] = mapped_column(primary_key=True)


class Recommendation(Base):
    __tablename__ = "app_recommendationdata"
    run_id: Mapped[int] = mapped_column(ForeignKey(Run.id), primary_key=True)
    movie_id: Mapped[int] = mapped_column(ForeignKey(Movie.movie_id), primary_key=True)
    rank: Mapped[int | None]
    rating_count: Mapped[int]
    avg_rating: Mapped[float]
    weighted_rating: Mapped[float]
    movie: Mapped[Movie] = relationship()

    @property
    def title(self) -> str:
        return self.movie.title

    @property
    def year(self) -> int | None:
        return self.movie.year

    @property
    def genres(self) -> list[str]:
        return [genre.genre for genre in self.movie.genres]


class Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    rank: int | None
    movie_id: int
    title: str
    year: int | None
    genres: list[str]
    rating_count: int
    avg_rating: float
    weighted_rating: float


class Page(BaseModel):
    count: int
    next: str | None
    previous: str | None
    results: list[Item]


# Reads only: as with Django, without a transaction around them. One connection for each of the
# load's.
engine = create_async_engine(
    URL.create(
        "mysql+asyncmy",
        username=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        database=os.environ["DB_NAME"],
        query={"charset": "utf8mb4"},
    ),
    isolation_level="AUTOCOMMIT",
    pool_reset_on_return=None,
    pool_size=16,
    max_overflow=0,
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@app.get("/recommendations/")
async def recommendations(
    request: Request,
    session: Annotated[AsyncSession, Depends(open_session)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Page:
    run = await session.scalar(
        select(Run).where(Run.status == "current").order_by(Run.id.desc()).limit(1)
    )
    if run is None:
        raise HTTPException(503, "No run is published.")
    listed = (Recommendation.run_id == run.id, Recommendation.rating_count >= run.min_ratings)
    count = await session.scalar(select(func.count()).where(*listed)) or 0
    rows = await session.scalars(
        select(Recommendation)
        .where(*listed)
        .options(joinedload(Recommendation.movie).selectinload(Movie.genres))
        .order_by(
            Recommendation.weighted_rating.desc(),
            Recommendation.rating_count.desc(),
            Recommendation.movie_id,
        )
        .limit(limit)
        .offset(offset)
    )
    return Page(
        count=count,
        next=_link(request, offset + limit) if offset + limit < count else None,
        previous=_link(request, max(offset - limit, 0)) if offset else None,
        results=[Item.model_validate(row) for row in rows],
    )


def _link(request: Request, offset: int) -> str:
    return str(request.url.include_query_params(offset=offset))
