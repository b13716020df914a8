"""Aurora: the engine of platforms of container-image Lambdas."""
