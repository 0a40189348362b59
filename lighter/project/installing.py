"""What is to be installed so that a module can be imported, and which version is there."""

import sys

# Where a package is installed under another name than it is imported by; some of these name something else there.
_PACKAGES = {
    "Bio": "biopython",
    "apex": "git+https://github.com/NVIDIA/apex.git",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "clip": "git+https://github.com/openai/CLIP.git",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "detectron2": "git+https://github.com/facebookresearch/detectron2.git",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "git": "GitPython",
    "hydra": "hydra-core",
    "OpenGL": "PyOpenGL",
    "osgeo": "gdal",
    "PIL": "pillow",
    "pkg_resources": "setuptools<81",
    "pl_bolts": "lightning-bolts",
    "pytorch3d": "git+https://github.com/facebookresearch/pytorch3d.git",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}


def installing(module: str) -> str:
    """The command that installs the package which brings a module."""
    top = module.partition(".")[0]
    package = _PACKAGES.get(top, top)
    return f'pip install "{package}"' if "<" in package else f"pip install {package}"


def version_of(module: str) -> str:
    """A library's name with its installed version; empty for what is none."""
    import importlib.metadata  # only a mistake pays for it

    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        version = importlib.metadata.version(_PACKAGES.get(top, top))
        return f"{top} {version.partition('+')[0]}"  # without the mark of its build
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
