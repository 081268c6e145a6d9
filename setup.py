"""Packaging of Stagewatch: the flat packages, the command, and the extras."""

from setuptools import find_packages, setup

setup(
    name="stagewatch",
    version="0.1.0",
    description="Run simulated minds as actors; watch, steer, record and replay them live.",
    python_requires=">=3.11",
    packages=find_packages(include=["actors", "sim", "sim.scenarios", "web"]),
    # The folders of the browser side are no packages; beside web/client/ stands web/client.py.
    package_data={"web": ["client/*.js", "dashboard/**/*"]},
    install_requires=[
        "pykka>=4.5,<4.6",
        "tornado>=6.6,<7",
        "pyjwt[crypto]>=2.10",
        "msgpack>=1.1",
        "psutil>=6",
        "msgspec>=0.19",
        "numpy>=2",
        "PyYAML>=6",
        "click>=8.1",
        "rich>=13",
        "prometheus_client>=0.21",
    ],
    extras_require={
        "test": [
            "pytest>=8",
            "pytest-asyncio>=0.24",
            "pytest-timeout>=2.3",
            "hypothesis>=6.100",
            "playwright>=1.48",
            "jsonschema>=4.20",
            "websockets>=13",
            "pandas>=2.2",
            "pyarrow>=16",
            "mypy>=1.11",
            "ruff>=0.6",
            "types-PyYAML",
            "types-psutil",
        ],
        "load": [
            "locust>=2.30",
            "websocket-client>=1.8",
            # Measured beside Stagewatch.
            "picows>=2.3",
            "socketify>=0.0.31",
            "websockets>=13",
        ],
        "parquet": ["pyarrow>=16"],
        # Loops that are compiled: wolves and sheep run nearly twice as fast.
        "fast": ["numba>=0.60"],
        # Its examples, measured beside our scenarios; they cannot be imported without networkx.
        "mesa": ["mesa>=3.3,<3.4", "networkx>=3"],
        # For those who bring its models, and for the test side by side.
        "pymdp": ["inferactively-pymdp==1.0.4"],
    },
    entry_points={"console_scripts": ["stagewatch=web.cli:main"]},
)
