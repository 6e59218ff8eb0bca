"""What an example is: image, text or table. How such examples are read, checked, described and fed in.

`modality.py` has the interface and the table of modalities; a package each has the implementations. The modules beside
it are what several modalities share: files in class folders, labelled rows, words. Profiles read these; what prepares
examples for networks is TensorFlow's and imported by those that train.
"""
