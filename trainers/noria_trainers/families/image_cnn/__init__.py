"""Family `image-cnn`: small residual convolutional networks, trained from nothing at the images' own resolution."""
