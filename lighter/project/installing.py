"""What is to be installed so that a module can be imported, and which version is there."""

import sys

# Packages that are installed under another name than they are imported by; some of those names are a stranger's there.
_PACKAGES = {
    "Bio": "biopython",
    "OpenGL": "PyOpenGL",
    "PIL": "pillow",
    "absl": "absl-py",
    "ants": "antspyx",
    "apex": "git+https://github.com/NVIDIA/apex.git",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cc3d": "connected-components-3d",
    "clip": "git+https://github.com/openai/CLIP.git",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "detectron2": "git+https://github.com/facebookresearch/detectron2.git",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "git": "GitPython",
    "hydra": "hydra-core",
    "ignite": "pytorch-ignite",
    "open_clip": "open-clip-torch",
    "openslide": "openslide-python",
    "osgeo": "gdal",
    "pkg_resources": "setuptools<81",
    "pl_bolts": "lightning-bolts",
    "pyro": "pyro-ppl",
    "pytorch3d": "git+https://github.com/facebookresearch/pytorch3d.git",
    "pywt": "PyWavelets",
    "ruamel": "ruamel.yaml",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}

# Packages of the name that they are imported by, each looked up; a name that is in neither table is never installed on
# our advice: anybody may have registered it. Names that folders of code often have, as 'datasets', are left out.
_SAME = frozenset(
    """
    accelerate addict albumentations anndata audiomentations av batchgenerators bitsandbytes boto3 botorch captum
    catboost causal_conv1d clearml click comet_ml dask decord deepspeed dgl diffusers dill easydict editdistance einops
    fairscale fairseq fastai fire flash_attn fsspec ftfy fvcore gdown geopandas gpytorch gym gymnasium h5py
    huggingface_hub imageio imgaug iopath itk jax jiwer joblib kornia librosa lightgbm lightly lightning lmdb loguru
    lpips lxml mamba_ssm matplotlib medmnist medpy ml_collections mlflow mmcv mmengine mne monai mrcfile natsort neptune
    networkx nibabel nilearn nltk nnunetv2 numba numpy omegaconf onnx onnxruntime opt_einsum optuna pandas peft piq
    plotly polars portalocker psutil pyarrow pycocotools pydicom pynvml pytorch_lightning pytorch_metric_learning
    pytorch_msssim pyvista rasterio ray rdkit requests rich s3fs sacrebleu safetensors scanpy scipy seaborn
    segmentation_models_pytorch sentence_transformers sentencepiece shap shapely SimpleITK six soundfile spacy
    statsmodels submitit swanlab sympy tabulate tensorboard tensorboardX tensordict tensorflow tensorly termcolor thop
    tifffile tiktoken timm tokenizers torch torch_cluster torch_geometric torch_optimizer torch_scatter torch_sparse
    torchaudio torchdata torchdiffeq torchinfo torchio torchmetrics torchrl torchsde torchsummary torchtext torchvision
    tqdm transformers trimesh triton ttach typeguard typer visdom wandb webdataset xarray xformers xgboost yacs zarr
    """.split()  # noqa: SIM905  (one quoted name a line would take four pages)
)


def package_of(module: str) -> str:
    """What a module's package is called where packages are had; empty where that is not known for sure."""
    top = module.partition(".")[0]
    return _PACKAGES.get(top, top if top in _SAME else "")


def installing(module: str) -> str:
    """The command that installs the package which brings a module; empty where no package is known to be the one."""
    package = package_of(module)
    return f'pip install "{package}"' if "<" in package else f"pip install {package}" if package else ""


def how_to_install(module: str, otherwise: str = "for code of your own write 'project: path/to/its/folder'") -> str:
    """The same as a word of help; of an unknown name no command, for it may be the name of a stranger's package."""
    command = installing(module)
    return f"run '{command}'" if command else f"install it as its own documentation says; {otherwise}"


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
